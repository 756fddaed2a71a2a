"""The words Genesys accepts in its analytics queries, as its public SDK lists them.

Not here: what they mean (`filters.py`, `aggregates.py`).
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


DETAIL_METRICS = _words(
    """
    nAgentDeclined nAlertExpired nBlindTransferred nBotInteractions nCallbackAttempts nCallbackOverSla nCallbackScheduled nCfcOffered
    nCobrowseSessions nConnected nConsult nConsultTransferred nConversations nError nFlow nFlowMilestone nFlowOutcome nFlowOutcomeFailed
    nOffered nOutbound nOutboundAbandoned nOutboundAttempted nOutboundConnected nOverSla nStateTransitionError nTakeover nTransferred
    oAudioMessageCount oExternalAudioMessageCount oExternalMediaCount oFlowMilestone oMediaCount oMessageCount oMessageSegmentCount
    oMessageTurn oSkillExpressionApplications tAbandon tAcd tActiveCallback tActiveCallbackComplete tAcw tAgentResponseTime
    tAgentVideoConnected tAlert tAnswered tAverageAgentResponseTime tAverageCustomerResponseTime tBarging tCallbackAbandon
    tCallbackConnect tCallbackNotReached tCallbackVirtualWait tCfcAbandon tCfcAcd tCfcAnswered tCfcFlowOut tCoaching tCoachingComplete
    tConnected tContacting tConversationDuration tDialing tFirstConnect tFirstDial tFirstEngagement tFirstResponse tFlow tFlowDisconnect
    tFlowExit tFlowOut tFlowOutcome tHandle tHeld tHeldComplete tIvr tMonitoring tMonitoringComplete tNotResponding tPark tParkComplete
    tScreenMonitoring tShortAbandon tSnippetRecord tTalk tTalkComplete tTransmitting tUserResponseTime tVoicemail
    """
)

CONVERSATION_DIMENSIONS = _words(
    """
    accessAttribute conversationEnd conversationId conversationInitiator conversationStart customerParticipation divisionId externalTag
    mediaStatsMinConversationMos originatingDirection originatingSocialMediaPublic
    """
)

SEGMENT_DIMENSIONS = _words(
    """
    addressFrom addressTo agentAssistantId agentOwned ani authenticated bargedParticipantId callbackNumber callbackScheduledTime
    canonicalExternalContactId cleared coachedParticipantId conference deliveryPushed deliveryStatus destinationAddress
    destinationConversationId detectedSpeechEnd detectedSpeechStart direction disconnectType dnis edgeId engagementSource errorCode
    exitReason extendedDeliveryStatus externalContactId externalOrganizationId flaggedReason flowId flowName flowOutType flowOutcome
    flowOutcomeId flowOutcomeValue flowVersion groupId journeyActionId journeyActionMapId journeyCustomerId journeyCustomerIdType
    journeyCustomerSessionId mediaCount mediaType messageType monitoredParticipantId outboundCampaignId outboundContactId
    outboundContactListId participantName protocolCallId provider purpose queueId recording remote remoteNameDisplayable
    requestedLanguageId requestedRouting requestedRoutingSkillId scoredAgentId screenMonitoredUserId screenRecording scriptId segmentEnd
    segmentType sessionDnis sipResponseCode skillExpressionId snippetRecording subject teamId transferTargetAddress transferTargetName
    transferType usedRouting userId wrapUpCode wrapUpNote
    """
)

EVALUATION_DIMENSIONS = _words(
    """
    assigneeApplicable assigneeId calibrationId contextId deleted evaluationId evaluationStatus evaluatorId eventTime formId formName
    queueId released rescored systemSubmitted userId
    """
)

SURVEY_DIMENSIONS = _words(
    """
    eventTime queueId surveyCompletedDate surveyFormContextId surveyFormId surveyId surveyPartialResponse surveyPromoterScore
    surveyStatus surveyType userId
    """
)

AGGREGATE_DIMENSIONS = _words(
    """
    activeRouting activeSkillId addressFrom addressTo agentAssistantId agentBullseyeRing agentOwned agentRank agentScore ani assignerId
    authenticated canonicalExternalContactId conversationId conversationInitiator convertedFrom convertedTo customerParticipation
    deliveryStatus destinationAddress direction disconnectType divisionId dnis edgeId eligibleAgentCount errorCode
    extendedDeliveryStatus externalContactId externalMediaCount externalOrganizationId externalTag firstQueue flaggedReason flowInType
    flowOutType groupId interactionType journeyActionId journeyActionMapId journeyActionMapVersion journeyCustomerId
    journeyCustomerIdType journeyCustomerSessionId journeyCustomerSessionIdType knowledgeBaseId mediaCount mediaType messageType
    originatingDirection originatingSocialMediaPublic outboundCampaignId outboundContactId outboundContactListId participantName peerId
    proposedAgentId provider purpose queueId remote removedSkillId requestedLanguageId requestedRouting requestedRoutingSkillId roomId
    routingPriority routingRing routingRule routingRuleType scoredAgentId selectedAgentId selectedAgentRank selfServed sessionDnis
    sessionId skillExpressionId stationId teamId usedRouting userId videoPresent waitingInteractionCount wrapUpCode
    """
)

AGGREGATE_METRICS = _words(
    """
    nAgentDeclined nAlertExpired nBlindTransferred nBotInteractions nCallbackAttempts nCallbackOverSla nCallbackScheduled nCfcOffered
    nCobrowseSessions nConnected nConsult nConsultTransferred nConversations nError nOffered nOutbound nOutboundAbandoned
    nOutboundAttempted nOutboundConnected nOverSla nStateTransitionError nTakeover nTransferred oAudioMessageCount oCallbackServiceLevel
    oExternalAudioMessageCount oExternalMediaCount oMediaCount oMessageCount oMessageSegmentCount oMessageTurn oServiceLevel
    oServiceTarget oSkillExpressionApplications tAbandon tAcd tActiveCallback tActiveCallbackComplete tAcw tAgentResponseTime
    tAgentVideoConnected tAlert tAnswered tAverageAgentResponseTime tAverageCustomerResponseTime tBarging tCallbackAbandon
    tCallbackConnect tCallbackNotReached tCallbackVirtualWait tCfcAbandon tCfcAcd tCfcAnswered tCfcFlowOut tCoaching tCoachingComplete
    tConnected tContacting tDialing tFirstConnect tFirstDial tFirstEngagement tFirstResponse tFlowOut tHandle tHeld tHeldComplete tIvr
    tMonitoring tMonitoringComplete tNotResponding tPark tParkComplete tScreenMonitoring tShortAbandon tSnippetRecord tTalk
    tTalkComplete tTransmitting tUserResponseTime tVoicemail tWait
    """
)
